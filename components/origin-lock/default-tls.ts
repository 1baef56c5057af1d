import * as pulumi from "@pulumi/pulumi";

import { findController, type ControllerName } from "../ingress/controllers";
import { originCaSecretName } from "./origin-lock";

export interface DefaultTlsArgs {
  readonly controller: ControllerName;
  /** The namespace of the ingress controller. */
  readonly namespace: pulumi.Input<string>;
  /** Whether the origin lock requires a client certificate. */
  readonly clientCertificate: boolean;
}

/**
 * The TLS options of hosts that name none. With a client certificate in the origin lock they require it too, so that an
 * Ingress of others, which knows nothing of the lock, is not open to every client. nginx has no such default.
 *
 * They must follow the origin lock, since the edge presents the certificate then, and precede the apps, whose proxied hosts name
 * no options: these are never open to every client.
 */
export class DefaultTls extends pulumi.ComponentResource {
  constructor(name: string, args: DefaultTlsArgs, opts?: pulumi.ComponentResourceOptions) {
    const { controller, namespace, clientCertificate } = args;
    super("platform:networking:DefaultTls", name, {}, opts);

    const { createDefault } = findController(controller).routes.originLock;
    createDefault?.(name, namespace, clientCertificate ? originCaSecretName : undefined, { parent: this });
    this.registerOutputs({});
  }
}
