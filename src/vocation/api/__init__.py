"""HTTP: the only room that imports FastAPI, Starlette, pydantic, uvicorn and prometheus_client."""
