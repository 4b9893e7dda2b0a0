"""Start Jupyter kernels as forks of a warm process: a kernel provisioner for nbclient, nbgrader and our own engine."""

import atexit
import os
from functools import cache
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import LocalProvisioner

from grading.forkserver import Child, ForkServer

ADDRESS = "GRADUS_KERNELS"
CPU_SECONDS = 24 * 3600  # whoever starts a kernel this way sets limits of their own


class WarmProvisioner(LocalProvisioner):
    """Fork each kernel from the server at $GRADUS_KERNELS, else from one that this process starts and keeps."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork a kernel with the connection file and the further arguments of the command."""
        if "ipykernel_launcher" not in cmd:
            raise ValueError(f"Only Python kernels can be warm, not {cmd[0]}: use the local provisioner for others.")
        request = {
            "arguments": cmd[cmd.index("ipykernel_launcher") + 1 :],
            "folder": str(Path(kwargs.get("cwd") or Path.cwd()).resolve()),
            "environment": kwargs.get("env") or dict(os.environ),
            "seconds": CPU_SECONDS,
        }
        self.process = Child(os.environ.get(ADDRESS) or _own_server().address, request)
        self.pid = self.process.pid
        return self.connection_info

    async def cleanup(self, restart: bool = False) -> None:
        """Kill what the kernel left running."""
        if self.process is not None:
            self.process.close()
        await super().cleanup(restart)


@cache
def _own_server() -> ForkServer:
    server = ForkServer("grading.warm")
    atexit.register(server.close)
    server.wait_until_ready()
    return server
