"""A certificate authority that nobody knows but who is told of it."""
import pathlib
import subprocess


class Authority:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True)
        self.file, self.key = self.folder / "ca.pem", self.folder / "ca.key"
        self._openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=authority of the tests",
                      "-keyout", self.key, "-out", self.file)

    @staticmethod
    def _openssl(*words):
        subprocess.run(["openssl", *words], check=True, capture_output=True)

    def certificate(self, *names):
        """(Certificate, key) of a server with these names, "DNS:HOST" or "IP:ADDRESS"."""
        certificate, key, request, more = (self.folder / f"server.{end}" for end in ("pem", "key", "csr", "ext"))
        self._openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=server", "-keyout", key, "-out", request)
        more.write_text(f"subjectAltName={','.join(names)}\n")
        self._openssl("x509", "-req", "-in", request, "-CA", self.file, "-CAkey", self.key, "-CAcreateserial", "-days", "2",
                      "-extfile", more, "-out", certificate)
        return certificate, key
