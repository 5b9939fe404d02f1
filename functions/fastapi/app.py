"""A FastAPI app. Mangum turns API Gateway's events into ASGI requests."""

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse
from mangum import Mangum
from pydantic import BaseModel, Field

import page

app = FastAPI(title="FastAPI on Fanlight", version="0.1.0")


class Item(BaseModel):
    name: str = Field(min_length=1)
    price: float = Field(gt=0)
    tags: list[str] = []


ITEMS = {
    1: Item(name="lamp", price=19.5, tags=["light"]),
    2: Item(name="door", price=240),
    3: Item(name="window", price=180, tags=["light", "glass"]),
}


@app.get("/", response_class=HTMLResponse, include_in_schema=False)
def root(request: Request) -> str:
    return page.render(request)


@app.get("/items")
def list_items(tag: str | None = None) -> dict[int, Item]:
    return {key: item for key, item in ITEMS.items() if tag is None or tag in item.tags}


@app.get("/items/{item_id}")
def read_item(item_id: int) -> Item:
    if item_id not in ITEMS:
        raise HTTPException(status_code=404, detail="no such item")
    return ITEMS[item_id]


@app.post("/items", status_code=201)
def create_item(item: Item) -> Item:
    """Answers with the item it would store. It stores nothing: environments come and go."""
    return item


@app.get("/boom")
def boom() -> None:
    raise RuntimeError("the fuse is short")


def behind_stage(asgi_app):
    """The gateway's path holds the stage, the app's does not: the difference is ASGI's root path.

    Links and redirects that FastAPI makes itself (`/docs` asks for `/Prod/openapi.json`) then lead back here.
    """

    async def staged(scope, receive, send):
        event = scope.get("aws.event", {})
        outer = event.get("requestContext", {}).get("path", "")
        prefix = outer.rstrip("/").removesuffix(scope["path"].rstrip("/"))
        await asgi_app({**scope, "root_path": prefix, "path": prefix + scope["path"]}, receive, send)

    return staged


handler = Mangum(behind_stage(app), lifespan="off")
