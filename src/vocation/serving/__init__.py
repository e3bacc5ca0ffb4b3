"""From a text to careers, without torch: the network in ONNX Runtime, fused scores, the answer,
whole files.
"""
