import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

import type { BasicAuth } from "../ingress/route";
import { basicAuthSecretNames, type ResourceNames } from "../ingress/route-manifests";

/** The basic-auth users of one host, each with a generated password. */
export interface BasicAuthUsers {
  /** The Secret with their htpasswd lines. */
  readonly secret: pulumi.Resource;
  /** By user. */
  readonly passwords: Readonly<Record<string, pulumi.Output<string>>>;
}

/** Generates the passwords of a host, and creates the Secret that the ingress controller reads. */
export function createBasicAuthUsers(
  { users }: BasicAuth,
  names: ResourceNames,
  namespace: pulumi.Input<string>,
  opts: pulumi.CustomResourceOptions,
): BasicAuthUsers {
  const generated = users.map((user) => {
    const password = new random.RandomPassword(
      `${names.pulumiName}-${user}`,
      { length: 32, special: false },
      { parent: opts.parent },
    );
    return { user, password };
  });
  const lines = generated.map(({ user, password }) => pulumi.interpolate`${user}:${password.bcryptHash}`);
  const { pulumiName, objectName } = basicAuthSecretNames(names);
  const secret = new kubernetes.core.v1.Secret(
    pulumiName,
    {
      metadata: { name: objectName, namespace },
      stringData: { auth: pulumi.all(lines).apply((all) => all.join("\n")) },
    },
    opts,
  );
  return {
    secret,
    passwords: Object.fromEntries(generated.map(({ user, password }) => [user, password.result])),
  };
}
