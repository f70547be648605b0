// Asks the service over gRPC: spends until it is denied, and then waits for its turn.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"headgate.example/grpc-go/headgatev1"
)

func main() {
	target := "127.0.0.1:8081"
	if len(os.Args) > 1 {
		target = os.Args[1]
	}
	connection, err := grpc.NewClient(target, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		log.Fatal(err)
	}
	defer connection.Close()
	limiter := headgatev1.NewRateLimiterClient(connection)
	request := &headgatev1.LimitRequest{
		Attributes: map[string]string{"user": "bob"},
		Cost:       proto.Uint64(2),
	}

	// A denial is an answer, not an error; the deadline is the time the decision may take.
	for {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		decision, err := limiter.Consume(ctx, request)
		cancel()
		if err != nil {
			log.Fatal(err)
		}
		if !decision.Allowed {
			fmt.Printf("denied by %s: again in %d ms\n", decision.GetPolicy(), decision.GetRetryAfterMs())
			break
		}
		fmt.Printf("allowed by %s: %d left\n", decision.GetPolicy(), decision.GetRemaining())
	}

	ctx, cancel := context.WithTimeout(context.Background(), 35*time.Second)
	defer cancel()
	turn, err := limiter.Wait(ctx, &headgatev1.WaitRequest{Request: request, Timeout: "30s"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(map[bool]string{true: "waited for its turn", false: "no turn within 30 s"}[turn.Allowed])

	if _, err = limiter.Consume(ctx, &headgatev1.LimitRequest{Policy: "nope"}); err != nil {
		fmt.Printf("%s: %s\n", status.Code(err), status.Convert(err).Message())
	}
}
