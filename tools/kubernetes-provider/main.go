// The real Kubernetes provider, from its module at the commit pinned in go.mod.
package main

import "github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"

// Set by the linker to the version of @pulumi/kubernetes, which asks for a provider of its own version.
var version string

func main() {
	// The schema and the terraform mapping serve code generation and `pulumi convert` only.
	provider.Serve("kubernetes", version, []byte("{}"), []byte("{}"))
}
