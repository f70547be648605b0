"""Asks the service over gRPC: spends until it is denied, and then waits for its turn."""

import sys

import grpc
from headgate.v1 import headgate_pb2 as messages
from headgate.v1 import headgate_pb2_grpc as services

target = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:8081"
# The deadline is the time the decision may take.
DEADLINE_S = 5.0

with grpc.insecure_channel(target) as channel:
    limiter = services.RateLimiterStub(channel)
    request = messages.LimitRequest(attributes={"user": "alice"}, cost=2)

    # A denial is an answer, not an error.
    decision = limiter.Consume(request, timeout=DEADLINE_S)
    while decision.allowed:
        print(f"allowed by {decision.policy}: {decision.remaining} left")
        decision = limiter.Consume(request, timeout=DEADLINE_S)
    print(f"denied by {decision.policy}: again in {decision.retry_after_ms} ms")

    turn = messages.WaitRequest(request=request, timeout="30s")
    decision = limiter.Wait(turn, timeout=35.0)
    print("waited for its turn" if decision.allowed else "no turn within 30 s")

    try:
        limiter.Consume(messages.LimitRequest(policy="nope"), timeout=DEADLINE_S)
    except grpc.RpcError as error:
        print(f"{error.code().name}: {error.details()}")
