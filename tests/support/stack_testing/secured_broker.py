"""A real broker with every way to log in: listeners with TLS, with client certificates and with each SASL mechanism,
an authorizer, and two listeners whose certificates are wrong."""
import dataclasses
import pathlib

import confluent_kafka
import confluent_kafka.admin as kafka_admin

from stack_testing.broker import Broker, free_port
from stack_testing.certificates import Authority
from stack_testing.token_server import TokenServer

SUPER = "stack"  # may do everything
POOR = "poor"  # may do nothing until it is allowed to
PASSWORDS = {SUPER: "canary-password-1", POOR: "canary-password-2", "rotated": "canary-password-3"}
SECRETS = {SUPER: "canary-secret-1", POOR: "canary-secret-2"}

# Listener: security protocol.
_LISTENERS = {"PLAINTEXT": "PLAINTEXT", "TLS": "SSL", "MUTUAL": "SSL", "EXPIRED": "SSL", "ELSEWHERE": "SSL",
              "PASSWORDS": "SASL_SSL", "SCRAM512": "SASL_SSL", "TOKENS": "SASL_SSL", "AGAIN": "SASL_SSL",
              "OPEN": "SASL_PLAINTEXT"}


@dataclasses.dataclass(frozen=True)
class Acl:
    """What `user` may do on one resource."""

    user: str
    resource: kafka_admin.ResourceType
    name: str
    operation: kafka_admin.AclOperation


class SecuredBroker(Broker):
    """`addresses[LISTENER]` is where to go; the PLAINTEXT one is for the test itself, whose user may do everything."""

    def __init__(self, folder):
        folder = pathlib.Path(folder)
        self.authority = Authority(folder / "tls", "authority")
        self.stranger = Authority(folder / "tls", "stranger")
        here = "DNS:localhost,IP:127.0.0.1"
        self.authority.issue("server", "localhost", here)
        self.authority.issue("expired", "localhost", here, expired=True)
        self.authority.issue("elsewhere", "kafka.example.com", "DNS:kafka.example.com")
        self.client_certificate, self.client_key = self.authority.issue("client", SUPER)
        self.strange_certificate, self.strange_key = self.stranger.issue("strange", SUPER)
        self.tokens = TokenServer(folder / "tokens", SECRETS)
        self.addresses = {name: f"127.0.0.1:{free_port()}" for name in _LISTENERS}
        super().__init__(folder, self._properties(), format_arguments=self._scram_users(), jvm_options=[
            f"-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls={self.tokens.keys_file.as_uri()}"])
        self.address = self.addresses["PLAINTEXT"]
        self.port = int(self.address.rpartition(":")[2])

    def _properties(self):
        controller = f"127.0.0.1:{free_port()}"
        addresses = ",".join(f"{name}://{address}" for name, address in self.addresses.items())
        protocols = ",".join(f"{name}:{protocol}" for name, protocol in _LISTENERS.items())
        passwords = " ".join(f'user_{user}="{password}"' for user, password in PASSWORDS.items())
        plain = f"org.apache.kafka.common.security.plain.PlainLoginModule required {passwords};"
        scram = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
        bearer = "org.apache.kafka.common.security.oauthbearer."
        return {
            "controller.quorum.voters": f"1@{controller}",
            "listeners": f"{addresses},CONTROLLER://{controller}",
            "advertised.listeners": addresses,
            "listener.security.protocol.map": f"{protocols},CONTROLLER:PLAINTEXT",
            "inter.broker.listener.name": "PLAINTEXT",
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            # Who comes without a name, over PLAINTEXT and TLS, and who comes with a certificate.
            "super.users": f"User:ANONYMOUS;User:{SUPER};User:CN={SUPER}",
            "message.max.bytes": 1_000_000,
            "ssl.keystore.type": "PEM",
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": self.authority.certificate,
            "ssl.keystore.location": self.authority.key_store("server"),
            "listener.name.mutual.ssl.client.auth": "required",
            "listener.name.expired.ssl.keystore.location": self.authority.key_store("expired"),
            "listener.name.elsewhere.ssl.keystore.location": self.authority.key_store("elsewhere"),
            "listener.name.passwords.sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
            "listener.name.passwords.plain.sasl.jaas.config": plain,
            "listener.name.passwords.scram-sha-256.sasl.jaas.config": scram,
            "listener.name.passwords.scram-sha-512.sasl.jaas.config": scram,
            "listener.name.scram512.sasl.enabled.mechanisms": "SCRAM-SHA-512",
            "listener.name.scram512.scram-sha-512.sasl.jaas.config": scram,
            # Here clients have to log in again all the time.
            "listener.name.again.sasl.enabled.mechanisms": "SCRAM-SHA-256",
            "listener.name.again.scram-sha-256.sasl.jaas.config": scram,
            "listener.name.again.scram-sha-256.connections.max.reauth.ms": 2000,
            "listener.name.open.sasl.enabled.mechanisms": "PLAIN",
            "listener.name.open.plain.sasl.jaas.config": plain,
            "listener.name.tokens.sasl.enabled.mechanisms": "OAUTHBEARER",
            "listener.name.tokens.oauthbearer.sasl.jaas.config": f"{bearer}OAuthBearerLoginModule required;",
            "listener.name.tokens.oauthbearer.sasl.server.callback.handler.class":
                f"{bearer}OAuthBearerValidatorCallbackHandler",
            "listener.name.tokens.oauthbearer.sasl.oauthbearer.jwks.endpoint.url": self.tokens.keys_file.as_uri(),
            "listener.name.tokens.oauthbearer.sasl.oauthbearer.expected.audience": self.tokens.AUDIENCE,
            "listener.name.tokens.oauthbearer.sasl.oauthbearer.expected.issuer": self.tokens.issuer,
        }

    @staticmethod
    def _scram_users():
        return [argument for user, password in PASSWORDS.items() for mechanism in ("SCRAM-SHA-256", "SCRAM-SHA-512")
                for argument in ("--add-scram", f"{mechanism}=[name={user},password={password}]")]


    def stop(self):
        """Ends the broker and the token server."""
        super().stop()
        self.tokens.stop()

    def admin(self):
        """An admin client that may do everything."""
        return kafka_admin.AdminClient({"bootstrap.servers": self.address, "log_level": 0})

    def set_password(self, user, password):
        """Changes the user's password of both SCRAM mechanisms; connections that are open stay so."""
        admin = self.admin()
        for mechanism in (kafka_admin.ScramMechanism.SCRAM_SHA_256, kafka_admin.ScramMechanism.SCRAM_SHA_512):
            info = kafka_admin.ScramCredentialInfo(mechanism, 4096)
            change = kafka_admin.UserScramCredentialUpsertion(user, info, password.encode())
            for future in admin.alter_user_scram_credentials([change]).values():
                future.result()

    def _bindings(self, acls, permission):
        return [kafka_admin.AclBinding(acl.resource, acl.name, kafka_admin.ResourcePatternType.LITERAL,
                                       f"User:{acl.user}", "*", acl.operation, permission) for acl in acls]

    def allow(self, *acls):
        """Grants what the entries say."""
        admin = self.admin()  # must outlive its answers
        made = admin.create_acls(self._bindings(acls, kafka_admin.AclPermissionType.ALLOW))
        for future in made.values():
            future.result()


def settings_of_reader(broker, listener, **more):
    """What the independent reader is given to come in through LISTENER; `more` with underscores for points."""
    return {"bootstrap.servers": broker.addresses[listener], "security.protocol": _LISTENERS[listener],
            "ssl.ca.location": str(broker.authority.certificate),
            **{name.replace("_", "."): str(value) for name, value in more.items()}}
