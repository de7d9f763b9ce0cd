"""Certificates that are made for a test and forgotten with it, by the openssl tool."""
import os
import subprocess

KEYS = {"ecdsa": ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
        "rsa": ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"]}
NAMES = "subjectAltName=DNS:localhost,IP:127.0.0.1"


def _openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=60)


def make_key(path, kind="ecdsa"):
    _openssl("genpkey", "-algorithm", *KEYS[kind], "-out", path)
    os.chmod(path, 0o600)
    return path


class Certificate:
    """A certificate and its key in two files; `issuer` signs it, or it signs itself."""

    def __init__(self, directory, name, issuer=None, authority=False, kind="ecdsa", days=30):
        self.certificate, self.key = directory / f"{name}.pem", directory / f"{name}-key.pem"
        make_key(self.key, kind)
        request, extensions = directory / f"{name}.csr", directory / f"{name}.ext"
        extensions.write_text("basicConstraints=critical,CA:TRUE\n" if authority else f"{NAMES}\n")
        _openssl("req", "-new", "-key", self.key, "-subj", f"/CN={name}", "-out", request)
        signer = ["-CA", issuer.certificate, "-CAkey", issuer.key, "-CAcreateserial"] if issuer \
            else ["-signkey", self.key]
        _openssl("x509", "-req", "-in", request, *signer, "-days", days, "-extfile", extensions,
                 "-out", self.certificate)

    def chain(self, *others):
        """The same, followed by the certificates of its issuers, in a file of their own."""
        path = self.certificate.with_suffix(".chain")
        path.write_text("".join(one.certificate.read_text() for one in (self, *others)))
        return path

    @property
    def options(self):
        return ["--tls-cert", str(self.certificate), "--tls-key", str(self.key)]
