"""From a text to careers, without torch: network, fused scores, the answer, whole files."""
