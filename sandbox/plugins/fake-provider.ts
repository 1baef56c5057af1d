/** Property values as the engine sends them: JSON, with {@link UNKNOWN} where a value is not known in preview. */
export type Props = Readonly<Record<string, unknown>>;

/** The engine's placeholder for a value that is not known yet. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** A resource as the cloud has it: `inputs` as a program would have them, `outputs` all of it. */
export interface ReadResult {
  /** Its id in the state, where that may differ from the requested one, as in an import. */
  readonly id?: string;
  readonly inputs: Props;
  readonly outputs: Props;
}

/** An error of one input. `property` is a dotted path. */
export interface InputError {
  readonly property: string;
  readonly reason: string;
}

/**
 * Thrown by `create` and `update` when the resource exists but is not ready. The engine keeps it in the state with
 * `properties` (inputs and outputs) and the reason, and the next run updates it instead of creating it twice.
 */
export class NotReady extends Error {
  constructor(
    message: string,
    readonly id: string,
    readonly properties: Props,
  ) {
    super(message);
  }
}

/** One resource type of a stand-in provider. */
export interface ResourceType {
  /**
   * Every supported top-level input. Any other is refused. "any" where the cloud itself refuses unknown inputs.
   */
  readonly inputs: Readonly<Record<string, "required" | "optional">> | "any";
  /** Outputs that are not inputs; unknown in the preview of a create. `id` is not among them. */
  readonly computed: readonly string[];
  /** Dotted input paths whose change replaces the resource. */
  readonly replaceOn: readonly string[];
  /** Properties that force a replacement without a change of the program, such as a near expiry. */
  readonly forcedReplacements?: (outputs: Props, inputs: Props) => readonly string[];
  /** Whether a replacement deletes the old one first; `olds` are its inputs. Default: false, create first. */
  readonly deleteBeforeReplace?: (inputs: Props, olds: Props) => boolean;
  /** Adds defaults, such as a generated name; `name` is the logical name, `olds` the last inputs. */
  readonly withDefaults?: (inputs: Props, name: string, olds: Props | undefined) => Props;
  /** Validates the inputs as the real provider's Check does, so also in preview. Values may be {@link UNKNOWN}. */
  readonly validate?: (inputs: Props) => readonly InputError[];
  /** Creates the resource. Returned outputs have precedence over the inputs. */
  create(inputs: Props, name: string): Promise<{ readonly id: string; readonly outputs: Props }>;
  /** Reads the resource; undefined if it is gone. `last` is the state, empty in an import. */
  read(id: string, last: ReadResult): Promise<ReadResult | undefined>;
  /** Updates the resource to `inputs`. Returned outputs have precedence over them. */
  update(id: string, inputs: Props, last: ReadResult): Promise<Props>;
  delete(id: string, last: ReadResult): Promise<void>;
}

/** A stand-in for the real provider plugin of the same name, over the same HTTP APIs. */
export interface FakeProvider {
  readonly name: string;
  /** The version of the SDK package. */
  readonly version: string;
  /** Validates the provider's own arguments. */
  checkConfig?(args: Props): readonly InputError[];
  configure(args: Props): void;
  /** The type with this token, such as `hcloud:index/loadBalancer:LoadBalancer`. */
  findType(token: string): ResourceType | undefined;
  /** The function with this token, such as `cloudflare:index/getIpRanges:getIpRanges`. */
  invoke?(token: string, args: Props): Promise<Props>;
}
