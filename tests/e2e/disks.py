"""Small file systems of their own, to be filled or made read-only. Needs root; SKIP_MOUNTS says why not."""
import os
import shutil
import subprocess
import tempfile


def run(*command):
    subprocess.run(command, check=True, capture_output=True)


class Disk:
    """A tmpfs, or an ext4 in a file, of so many MiB."""

    def __init__(self, kind, mib):
        self.folder = tempfile.mkdtemp(prefix="ocopd-disk.")
        self.place = os.path.join(self.folder, "disk")
        os.mkdir(self.place)
        try:
            if kind == "tmpfs":
                run("mount", "-t", "tmpfs", "-o", f"size={mib}m,mode=700", "tmpfs", self.place)
            else:
                image = os.path.join(self.folder, "image")
                run("truncate", "-s", f"{mib}M", image)
                run("mkfs.ext4", "-q", "-m", "0", image)
                run("mount", "-o", "loop", image, self.place)
        except (OSError, subprocess.CalledProcessError):
            shutil.rmtree(self.folder)
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # A daemon that was killed a moment ago may still be leaving.
        subprocess.run(["umount", "--lazy", self.place], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, *names):
        return os.path.join(self.place, *names)

    def remount(self, mode):
        run("mount", "-o", f"remount,{mode}", self.place)

    def fill(self):
        """Takes every byte there is; returns how many."""
        with open(self.path("filler"), "ab", buffering=0) as f:
            for size in (1 << 20, 1 << 12, 1):
                try:
                    while True:
                        f.write(bytes(size))
                except OSError:
                    pass
            try:
                os.fsync(f.fileno())
            except OSError:
                pass
            return f.tell()

    def empty(self):
        os.unlink(self.path("filler"))


def why_not(kind):
    if os.getuid() != 0:
        return "only root can mount"
    try:
        with Disk(kind, 16):
            return None
    except (OSError, subprocess.CalledProcessError) as e:
        return f"a {kind} can't be mounted here: {getattr(e, 'stderr', None) or e}"


SKIP_MOUNTS = why_not("tmpfs")
