"""What AWS's own SDK signs and what a JWT library makes, sent to a host.

`client.py FOLDER` makes the keys of a pool there, `client.py FOLDER ADDRESS` is the client.
"""

import json
import sys
import time

import jwt
import requests
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

folder, address = sys.argv[1], "".join(sys.argv[2:])
failures = []


def expect(what, response, status, text=""):
    if response.status_code != status or text not in response.text:
        failures.append(f"{what}: {response.status_code} {response.text}")


def send(credentials, method, path, data=None, signer=SigV4Auth, sent=None, **options):
    """Signs a request; `sent` is the body that goes out instead of the signed one."""
    request = AWSRequest(method, address + path, data=data)
    signer(credentials, "execute-api", "us-east-1", **options).add_auth(request)
    prepared = requests.Request(method, request.url, headers=dict(request.headers), data=sent or data).prepare()
    # As it was signed: `requests` would spell some of it otherwise.
    prepared.url = request.prepare().url
    return requests.Session().send(prepared)


def signed():
    ann = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
    temporary = Credentials("ASIDEXAMPLE", "a-secret-for-a-while", "a/session+token==")
    for path in ["/a", "/a%20b", "/%C3%BC", "/a%2Fb", "/a+b(c)*~'!", "//a", "/a/", "/a?b=2&a=1&a=0&c", "/a?q=x%3Dy%26z~%20%2B"]:
        expect(f"signed {path}", send(ann, "GET", f"/Prod/signed{path}"), 200, "user/ann")
    expect("a body", send(ann, "PUT", "/Prod/signed/a", data="ü €".encode()), 200, "user/ann")
    expect("a presigned address", send(ann, "GET", "/Prod/signed/a?b=1", signer=SigV4QueryAuth, expires=60), 200)
    expect("temporary credentials", send(temporary, "GET", "/Prod/signed/a"), 200, "assumed-role/shop/s")
    expect("another body", send(ann, "POST", "/Prod/signed/a", data=b"x", sent=b"y"), 403, "does not match")
    expect("another secret", send(Credentials("AKIDEXAMPLE", "x"), "GET", "/Prod/signed/a"), 403, "does not match")
    stranger = Credentials("AKIDSTRANGER", "x")
    expect("another key", send(stranger, "GET", "/Prod/signed/a"), 403, "security token")
    expect("no signature", requests.get(f"{address}/Prod/signed/a"), 403, "Missing Authentication Token")


def token(key, algorithm="RS256", **claims):
    now = int(time.time())
    issuer = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Pets"
    known = {"iss": issuer, "sub": "ann", "aud": "shop", "token_use": "id", "iat": now, "exp": now + 600}
    return jwt.encode(known | claims, key, algorithm, headers={"kid": "k1"})


def make_keys():
    key = rsa.generate_private_key(65537, 2048)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    with open(f"{folder}/key.pem", "wb") as file:
        file.write(key.private_bytes(*form))
    public = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    with open(f"{folder}/jwks.json", "w", encoding="utf-8") as file:
        json.dump({"keys": [public | {"kid": "k1", "use": "sig", "alg": "RS256"}]}, file)


def tokens():
    with open(f"{folder}/key.pem", "rb") as file:
        key = serialization.load_pem_private_key(file.read(), None)
    other = rsa.generate_private_key(65537, 2048)

    def ask(value):
        return requests.get(f"{address}/Prod/me", headers={"Authorization": value})

    expect("a token", ask(token(key)), 200, '"sub":"ann"')
    expect("a bearer", ask(f"Bearer {token(key)}"), 200)
    expect("an old token", ask(token(key, exp=int(time.time()) - 60)), 401, "expired")
    expect("another issuer", ask(token(key, iss="https://example.com")), 401, "Unauthorized")
    expect("another signer", ask(token(other)), 401, "Unauthorized")
    expect("another algorithm", ask(token("k" * 64, "HS256")), 401, "Unauthorized")
    expect("no algorithm", ask(token(None, "none")), 401, "Unauthorized")


if address:
    signed()
    tokens()
else:
    make_keys()
sys.exit("\n".join(failures) or None)
