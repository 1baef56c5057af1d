export * from "./custom-resources/cert-manager";
export * from "./custom-resources/cilium";
export * from "./custom-resources/gateway";
export * from "./custom-resources/prometheus";
export * from "./custom-resources/traefik";
