// Package ext replaces Traefik's module of the same name, which the module proxy does not serve: Traefik embeds both
// types, and its open-source build adds no fields to them.
package ext

// HTTP is embedded in Traefik's HTTP configuration.
type HTTP struct{}

// Router is embedded in Traefik's HTTP router.
type Router struct{}
