// npm run notices: writes THIRD_PARTY_NOTICES from what ships. A test compares the file with a fresh one.
import { writeFileSync } from 'node:fs';
import { noticesText } from './lib/notices.mjs';
import { inRoot, say } from './lib/run.mjs';
import { build, ensureModules } from './setup.mjs';

await ensureModules();
await build();
writeFileSync(inRoot('THIRD_PARTY_NOTICES'), noticesText());
say('THIRD_PARTY_NOTICES written');
