"""Greets whoever the path names."""

import json
import os
from urllib.parse import unquote


def handler(event, context):
    name = unquote(event["pathParameters"]["name"])
    query = event["queryStringParameters"] or {}
    greeting = query.get("greeting", os.environ["GREETING"])
    body = {"message": f"{greeting}, {name}!", "requestId": event["requestContext"]["requestId"]}
    return {
        "statusCode": 200,
        "headers": {"Content-Type": "application/json"},
        "body": json.dumps(body, ensure_ascii=False),
    }
