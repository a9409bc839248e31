"""Certificates of a test's own: an authority, servers' and clients' signed by it, made by the openssl program."""
import pathlib
import subprocess

PASSWORD_OF_KEYS = "canary-key-password"


def _openssl(*arguments, folder):
    done = subprocess.run(["openssl", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"openssl {' '.join(arguments)} failed: {done.stderr}")
    return done.stdout


class Authority:
    """A certificate authority in `folder`; its certificate is <name>.pem there."""

    def __init__(self, folder, name):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.name = name
        self.certificate = self.folder / f"{name}.pem"
        _openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", f"/CN={name}",
                 "-keyout", f"{name}.key", "-out", f"{name}.pem",
                 "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign",
                 folder=self.folder)

    def issue(self, name, subject, alternative=None, expired=False):
        """<name>.pem and <name>.key; `alternative` as in "IP:127.0.0.1"; `expired`: no longer valid since yesterday."""
        extensions = ["basicConstraints=CA:FALSE"]
        if alternative is not None:
            extensions.append(f"subjectAltName={alternative}")
        (self.folder / f"{name}.ext").write_text("\n".join(extensions) + "\n")
        _openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={subject}", "-keyout", f"{name}.key",
                 "-out", f"{name}.csr", folder=self.folder)
        # `openssl x509` of 3.0 signs from now on alone; `openssl ca` takes dates, and wants a register.
        (self.folder / f"{name}.index").write_text("")
        (self.folder / f"{name}.cnf").write_text(
            "[ca]\ndefault_ca=own\n[own]\ndatabase={0}.index\nnew_certs_dir=.\nrand_serial=yes\ndefault_md=sha256\n"
            "policy=any\nunique_subject=no\n[any]\ncommonName=supplied\n".format(name))
        dates = (["-startdate", "20200101000000Z", "-enddate", "20200201000000Z"] if expired else ["-days", "29"])
        _openssl("ca", "-batch", "-notext", "-config", f"{name}.cnf", "-cert", f"{self.name}.pem",
                 "-keyfile", f"{self.name}.key", "-in", f"{name}.csr", "-out", f"{name}.pem",
                 "-extfile", f"{name}.ext", *dates, folder=self.folder)
        return self.folder / f"{name}.pem", self.folder / f"{name}.key"

    def encrypt_key(self, name):
        """<name>-locked.key: the key under PASSWORD_OF_KEYS."""
        locked = self.folder / f"{name}-locked.key"
        _openssl("pkcs8", "-topk8", "-in", f"{name}.key", "-out", locked.name, "-passout", f"pass:{PASSWORD_OF_KEYS}",
                 folder=self.folder)
        return locked

    def key_store(self, name):
        """<name>-store.pem: key and certificate in one file, as Kafka wants it."""
        store = self.folder / f"{name}-store.pem"
        store.write_text((self.folder / f"{name}.key").read_text() + (self.folder / f"{name}.pem").read_text()
                         + self.certificate.read_text())
        return store
