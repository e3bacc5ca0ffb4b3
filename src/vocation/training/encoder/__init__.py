"""The text encoder: base models loaded from untrusted folders, exported to ONNX, quantized, and
read back as it ships.
"""
