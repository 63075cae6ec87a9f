"""Ask a server plain questions from within a network of its own: ``python -m tests.lan_ask QUESTIONS``.

QUESTIONS are JSON, a list of {"at": [host, port], "host": Host, "tls": bool, "path": path}; so are the answers: status
(0 where nobody answers), headers in lower case, and what was in the body if it is JSON.
"""

import http.client
import json
import socket
import ssl
import sys

WITHIN_S = 10.0


def ask(question: dict[str, object]) -> dict[str, object]:
    """Ask one question. SSL_CERT_FILE names what is trusted."""
    at, host = question["at"], str(question["host"])
    assert isinstance(at, list)
    connection = http.client.HTTPConnection(host, timeout=WITHIN_S)
    try:
        connection.sock = socket.create_connection((str(at[0]), int(at[1])), timeout=WITHIN_S)
        if question["tls"]:
            name = host.partition(":")[0]
            connection.sock = ssl.create_default_context().wrap_socket(connection.sock, server_hostname=name)
        connection.request("GET", str(question["path"]), headers={"Host": host})
        answer = connection.getresponse()
        body = answer.read()
    except OSError as error:
        return {"status": 0, "headers": {}, "body": None, "why": str(error)}
    finally:
        connection.close()
    is_json = "json" in answer.headers.get_content_type()
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return {"status": answer.status, "headers": headers, "body": json.loads(body) if is_json else None}


if __name__ == "__main__":
    sys.stdout.write(json.dumps([ask(question) for question in json.loads(sys.argv[1])]))
