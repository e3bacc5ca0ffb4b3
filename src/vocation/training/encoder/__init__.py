"""The text encoder: base models from untrusted folders, their ONNX export, the shipped graph."""
