"""Tokens for Amazon MSK taken apart, and their signatures checked by botocore."""
import base64
import datetime
import unittest.mock
import urllib.parse

import botocore.auth
import botocore.awsrequest
import botocore.credentials


class MskToken:
    """A token: its `url`, and the access key id, session token and region in it."""

    def __init__(self, text):
        self.url = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
        self.host = urllib.parse.urlsplit(self.url).netloc
        self.query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.url).query, strict_parsing=True))
        self.access_key_id, _, self.region, self.service, _ = self.query["X-Amz-Credential"].split("/")
        self.session_token = self.query.get("X-Amz-Security-Token")
        self.signed_at = datetime.datetime.strptime(self.query["X-Amz-Date"], "%Y%m%dT%H%M%SZ")

    def is_signed_with(self, secret):
        """Whether the signature is botocore's with this secret, at the time that the token names."""
        keys = botocore.credentials.Credentials(self.access_key_id, secret, self.session_token)
        request = botocore.awsrequest.AWSRequest(method="GET", url=f"https://{self.host}/",
                                                 params={"Action": "kafka-cluster:Connect"})
        with unittest.mock.patch("botocore.auth.get_current_datetime", return_value=self.signed_at):
            botocore.auth.SigV4QueryAuth(keys, "kafka-cluster", self.region, expires=900).add_auth(request)
        theirs = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(request.url).query))
        return theirs["X-Amz-Signature"] == self.query["X-Amz-Signature"]
