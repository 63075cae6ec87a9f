/** The models of the server as the page uses them, and how they travel. To `client.ts`. */
import type { LanguageCode } from '../call/languages';

export interface Model {
  id: string;
  /** What it does; empty for an engine that the server does not have. */
  kind: 'speech-to-text' | 'translation' | 'text-to-speech' | '';
  /** Languages recognised or spoken. */
  languages: LanguageCode[];
  /** Pairs translated. */
  pairs: [LanguageCode, LanguageCode][];
  sizeMb: number;
  /** Memory it takes, about; 0 if nobody measured it. */
  ramMb: number;
  /** SPDX identifier. */
  licence: string;
  /** Its licence allows it here, or was accepted. */
  accepted: boolean;
  installed: boolean;
  attribution: string;
}

/** Models that belong together. */
export interface Profile {
  name: string;
  models: string[];
  /** What is still to be fetched. */
  missingMb: number;
  ramMb: number;
  licences: string[];
  complete: boolean;
}

export type PullPhase = 'idle' | 'pulling' | 'trying' | 'restarting' | 'done' | 'failed' | 'cancelled';

/** The last pull that a page ordered, whoever asks. */
export interface Pull {
  phase: PullPhase;
  models: string[];
  /** The one that is arriving. */
  model: string;
  doneBytes: number;
  /** 0 before it is known. */
  totalBytes: number;
  /** Once ended, however: those of `models` that came and are used from now on. */
  inUse: string[];
  /** Once ended: those that came, and of which the settings choose others. */
  leftAside: string[];
  /** Those that are not here, as far as the pull has told. */
  missing: string[];
  /** Stable word and sentence of the failure. */
  code: string;
  detail: string;
}

export interface Models {
  models: Model[];
  profiles: Profile[];
  freeDiskMb: number;
  freeRamMb: number;
  /** This page is at the server's own machine; admins see the models elsewhere, and fetch none. */
  mayPull: boolean;
  pull: Pull;
}

/** Only for the page at the server's own machine; elsewhere `not_allowed`, but that admins may look. */
export interface ModelsApi {
  models(): Promise<Models>;
  modelPull(): Promise<Pull>;
  /** Fetch models by id or profile, with the licences that are accepted for it. */
  pullModels(names: readonly string[], accepts: readonly string[]): Promise<Pull>;
  cancelModelPull(): Promise<Pull>;
}

interface WireModel {
  id: string;
  kind: Model['kind'];
  languages: string[];
  pairs: [string, string][];
  size_mb: number;
  ram_mb: number;
  licence: string;
  accepted: boolean;
  installed: boolean;
  attribution: string;
}

interface WireProfile {
  name: string;
  models: string[];
  missing_mb: number;
  ram_mb: number;
  licences: string[];
  complete: boolean;
}

export interface WirePull {
  phase: PullPhase;
  models: string[];
  model: string;
  done_bytes: number;
  total_bytes: number;
  in_use: string[];
  left_aside: string[];
  missing: string[];
  code: string;
  detail: string;
}

export interface WireModels {
  models: WireModel[];
  profiles: WireProfile[];
  free_disk_mb: number;
  free_ram_mb: number;
  may_pull: boolean;
  pull: WirePull;
}

export function readPull({ done_bytes, total_bytes, in_use, left_aside, ...pull }: WirePull): Pull {
  return { ...pull, doneBytes: done_bytes, totalBytes: total_bytes, inUse: in_use, leftAside: left_aside };
}

export function readModels(wire: WireModels): Models {
  return {
    models: wire.models.map(({ size_mb, ram_mb, ...model }) => ({ ...model, sizeMb: size_mb, ramMb: ram_mb })),
    profiles: wire.profiles.map(({ missing_mb, ram_mb, ...profile }) => ({
      ...profile,
      missingMb: missing_mb,
      ramMb: ram_mb,
    })),
    freeDiskMb: wire.free_disk_mb,
    freeRamMb: wire.free_ram_mb,
    mayPull: wire.may_pull,
    pull: readPull(wire.pull),
  };
}
