"""`transformers serve`, as its own command line runs it; the arguments are its own.

The processor of Qwen2.5-VL needs torchvision, and torchvision as PyPI has it is built for CUDA: beside a CPU build of
torch its compiled parts can't be loaded. Then the two operators that it insists on when it is imported are declared,
and pictures are decoded and resized by Pillow, as the processor's own other way does it. Where torchvision can be
loaded as it is, the server is not touched.
"""
import contextlib
import functools
import sys


def torchvision_loads():
    import torch

    try:
        import torchvision  # noqa: F401

        return True
    except RuntimeError:
        for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
            del sys.modules[name]
        for operator in ("nms", "qnms"):
            with contextlib.suppress(RuntimeError):
                torch.library.define(f"torchvision::{operator}", "(Tensor boxes, Tensor scores, float limit) -> Tensor")
        import torchvision  # noqa: F401

        return False


def decode_by_pillow():
    from transformers import AutoImageProcessor

    AutoImageProcessor.from_pretrained = functools.partial(AutoImageProcessor.from_pretrained, backend="pil")


if __name__ == "__main__":
    loads = torchvision_loads()
    from transformers.cli.transformers import main

    if not loads:
        print("torchvision's compiled parts can't be loaded: pictures are decoded by Pillow", flush=True)
        decode_by_pillow()
    sys.argv[0] = "transformers"
    sys.exit(main())
