/** The published version, from the one place it is written; the bundler inlines it. */
import manifest from '../../package.json' with { type: 'json' };

export const VERSION: string = manifest.version;
