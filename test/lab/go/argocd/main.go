// Argo CD's application controller and repository server, and a Redis for them, as one program that is told which to be.
// The whole of Argo CD would hold its API server too, which embeds a web interface that has to be built with npm first.
package main

import (
	"fmt"
	"os"

	"github.com/alicebob/miniredis/v2"
	controller "github.com/argoproj/argo-cd/v3/cmd/argocd-application-controller/commands"
	reposerver "github.com/argoproj/argo-cd/v3/cmd/argocd-repo-server/commands"
	"github.com/spf13/cobra"
	_ "k8s.io/client-go/plugin/pkg/client/auth"
)

func redis() *cobra.Command {
	return &cobra.Command{
		Use: "redis",
		RunE: func(command *cobra.Command, _ []string) error {
			server := miniredis.NewMiniRedis()
			if err := server.StartAddr(":6379"); err != nil {
				return err
			}
			<-command.Context().Done()
			return nil
		},
	}
}

func main() {
	root := &cobra.Command{Use: "argocd", SilenceUsage: true}
	root.AddCommand(controller.NewCommand(), reposerver.NewCommand(), redis())
	if err := root.Execute(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
