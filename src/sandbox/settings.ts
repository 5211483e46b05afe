/** What a sandbox is when nothing else is asked for. */
export const defaultSettings = { speed: 1, nodes: 3, storageClasses: true } as const;
