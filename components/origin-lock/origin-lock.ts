import * as cloudflare from "@pulumi/cloudflare";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { hook } from "../pulumi/hooks";
import { findController, type ControllerName } from "../ingress/controllers";
import { isSupported } from "../ingress/ingress-controller";
import { createClientCertificate, createOriginCa, type KeyPair } from "./origin-ca";
import { requireCaOverlap, waitBeforeEnable, waitAfterUpload } from "./origin-lock-hooks";
import type { OriginLockRefs } from "../ingress/route-manifests";

/** The Secret with the CAs of the client certificate. */
export const originCaSecretName = "origin-lock-ca";

export interface OriginLockArgs {
  /** The zone's name, such as `example.com`. */
  readonly zone: string;
  /** The zone's id at Cloudflare, 32 hex digits. */
  readonly zoneId: pulumi.Input<string>;
  /** The controller that routes. It determines the kinds of the lock's objects. */
  readonly controller: ControllerName;
  /** The namespace of the ingress controller. It must exist. */
  readonly ingressNamespace: pulumi.Input<string>;
  /** The namespace of the apps: only Traefik's Ingress objects can refer to objects of another namespace. */
  readonly appNamespace: pulumi.Input<string>;
  /**
   * Other namespaces with routes. The lock's objects are created in each of them, except for Traefik's Ingress objects.
   * Default: none.
   */
  readonly otherNamespaces?: readonly string[] | undefined;
  /** Whether the ingress requires a client certificate from the edge. */
  readonly clientCertificate: boolean;
  /**
   * Cloudflare's ranges: connections from any other address are rejected. Default: all are accepted. Not supported by
   * `nginx`, which sees only the client's address of a connection from Cloudflare.
   */
  readonly allowedCidrs?: pulumi.Input<string[]> | undefined;
  /** The generation of the CA, from 1. An increment by one rotates it: the ingress trusts this CA and the previous one. */
  readonly generation: number;
  /** The CAs of the stack that owns the zone, PEM. Default: this stack owns the zone and creates its own CAs. */
  readonly ca?: string | undefined;
}

/**
 * The origin lock: only Cloudflare's edge can connect to proxied hosts. The edge presents a client certificate of the
 * stack's own CA, and the ingress requires it. Cloudflare's shared certificate is not enough, since the edge presents it
 * for every other customer's zone too.
 *
 * The order of the resources keeps the origin available to the edge at all times. The ingress trusts a CA before the edge
 * presents a certificate of it, and requires one only when Cloudflare reports that the edge has it.
 *
 * @throws {pulumi.RunError} The controller does not support an argument. No resource is registered then.
 * @see https://developers.cloudflare.com/ssl/origin-configuration/authenticated-origin-pull/
 */
export class OriginLock extends pulumi.ComponentResource {
  /** The references for routes of proxied hosts. */
  readonly refs: OriginLockRefs;
  /** The references in `otherNamespaces`, by namespace. */
  readonly refsByNamespace: Readonly<Record<string, OriginLockRefs>>;
  /** The CAs that the ingress trusts, PEM, for the other stacks of the zone. Empty without a client certificate. */
  readonly ca: pulumi.Output<string>;

  constructor(name: string, args: OriginLockArgs, opts?: pulumi.ComponentResourceOptions) {
    const { zone, zoneId, controller, ingressNamespace, appNamespace, allowedCidrs, generation } = args;
    const { otherNamespaces = [] } = args;
    const { clientCertificate, allowList, openHostAnnotations } =
      findController(controller).routes.originLock;
    const isOfRoutes = (half: typeof clientCertificate | typeof allowList) =>
      isSupported(half) && half.namespace === "route";
    const certificateNamespace = isOfRoutes(clientCertificate) ? appNamespace : ingressNamespace;
    assertSupported(name, args);
    super("platform:networking:OriginLock", name, {}, opts);

    // The ingress is created after the platform's namespaces, and so are the namespaces with routes.
    const afterIngress = (its: pulumi.Input<string>) => after(its, ingressNamespace);
    let trusted = pulumi.output(args.ca ?? "");
    let mtlsResources: readonly pulumi.Resource[] = [];
    if (args.clientCertificate) {
      const cas = args.ca === undefined ? createGenerations(name, zone, generation, this) : [];
      if (cas.length > 0)
        trusted = pulumi.all(cas.map((ca) => ca.certificate.certPem)).apply((all) => all.join(""));
      const hooks = { beforeUpdate: [hook(`${name}-keeps-one-ca`, requireCaOverlap)] };
      const createCaSecret = (key: string, its: pulumi.Input<string>) =>
        new kubernetes.core.v1.Secret(
          key,
          { metadata: { name: originCaSecretName, namespace: its }, stringData: { "ca.crt": trusted } },
          { parent: this, hooks },
        );
      const secrets = [
        createCaSecret(`${name}-ca`, certificateNamespace),
        ...(isOfRoutes(clientCertificate) ? otherNamespaces : []).map((each) =>
          createCaSecret(`${name}-ca-${each}`, afterIngress(each)),
        ),
      ];
      const current = cas.at(-1);
      mtlsResources = current
        ? [enableOriginPulls(name, { zone, zoneId, generation }, current, this, secrets)]
        : secrets;
    }
    const createRefs = (key: string, its: pulumi.Input<string>): OriginLockRefs => {
      const reference = (
        feature: typeof clientCertificate | typeof allowList,
        resources: readonly pulumi.Resource[],
      ) =>
        isSupported(feature) && resources.length > 0
          ? after(
              feature.namespace === "route" ? its : ingressNamespace,
              ...resources.map(({ urn }) => urn),
            ).apply((known) => feature.reference(known, name))
          : undefined;
      // The controller's chart installs the allow-list's CRD, so the list must be created after it in any namespace.
      const listMetadata = { name, namespace: afterIngress(isOfRoutes(allowList) ? its : ingressNamespace) };
      const lists =
        allowedCidrs !== undefined && isSupported(allowList)
          ? [allowList.create(key, listMetadata, allowedCidrs, { parent: this })]
          : [];
      const [certificateRef, listRef] = [
        reference(clientCertificate, mtlsResources),
        reference(allowList, lists),
      ];
      return {
        ...(certificateRef && { clientCertificate: certificateRef }),
        ...(listRef && { allowList: listRef }),
        ...(args.clientCertificate && openHostAnnotations && { openHost: openHostAnnotations }),
      };
    };
    this.refs = createRefs(name, appNamespace);
    const others = isOfRoutes(clientCertificate) || isOfRoutes(allowList) ? otherNamespaces : [];
    this.refsByNamespace = Object.fromEntries(
      others.map((each) => [each, createRefs(`${name}-${each}`, each)]),
    );
    this.ca = trusted;
    this.registerOutputs({ ca: this.ca });
  }
}

/** The text, resolved when the others are. */
const after = (
  text: pulumi.Input<string>,
  ...others: readonly pulumi.Input<string>[]
): pulumi.Output<string> => pulumi.all([text, ...others]).apply(([known = ""]) => known);

/** @throws {pulumi.RunError} The controller does not support a half of the lock. */
function assertSupported(name: string, { controller, ...args }: OriginLockArgs): void {
  const { clientCertificate, allowList } = findController(controller).routes.originLock;
  const unsupported = {
    clientCertificate: args.clientCertificate && !isSupported(clientCertificate),
    allowedCidrs: args.allowedCidrs !== undefined && !isSupported(allowList),
  };
  for (const [arg, isUnsupported] of Object.entries(unsupported))
    if (isUnsupported)
      throw new pulumi.RunError(`OriginLock "${name}": ${arg} is not supported by controller ${controller}`);
}

/** Creates the CAs: the previous generation's, whose certificate the edge may still present, and this generation's, last. */
function createGenerations(
  name: string,
  zone: string,
  generation: number,
  parent: pulumi.Resource,
): KeyPair[] {
  return [generation - 1, generation]
    .filter((each) => each > 0)
    .map((each) =>
      createOriginCa(`${name}-ca-${each}`, `Origin lock of ${zone}, generation ${each}`, parent),
    );
}

/** Uploads a client certificate of this CA, and makes the edge present it to every origin of the zone. */
function enableOriginPulls(
  name: string,
  { zone, zoneId, generation }: Pick<OriginLockArgs, "zone" | "zoneId" | "generation">,
  ca: KeyPair,
  parent: pulumi.Resource,
  trusted: pulumi.Resource[],
): pulumi.Resource {
  const client = createClientCertificate(
    `${name}-client-${generation}`,
    `Cloudflare's edge for ${zone}`,
    ca,
    parent,
  );
  const certificate = new cloudflare.AuthenticatedOriginPullsCertificate(
    name,
    { zoneId, certificate: client.certificate.certPem, privateKey: client.key.privateKeyPem },
    // A new one is uploaded and active before the old one is deleted.
    {
      parent,
      dependsOn: trusted,
      hooks: { afterCreate: [hook(`${name}-uploaded`, waitAfterUpload(parent))] },
    },
  );
  return new cloudflare.AuthenticatedOriginPullsSettings(
    `${name}-settings`,
    { zoneId, enabled: true },
    // Waits again, since a first `up` may have been interrupted while it waited.
    {
      parent,
      dependsOn: certificate,
      hooks: { beforeCreate: [hook(`${name}-shown`, waitBeforeEnable(certificate, parent))] },
    },
  );
}
