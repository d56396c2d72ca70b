import type { DynamicsApi } from './dynamicsApi';

/** Replaced when the engine is there. */
export type Engine = DynamicsApi;
