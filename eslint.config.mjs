import js from '@eslint/js'
import regexp from 'eslint-plugin-regexp'
import tseslint from 'typescript-eslint'

/** One direction of imports: snippet → attributes ← relay ← relay/node. */
const mayNotImport = (files, ...patterns) => ({
  files,
  rules: { 'no-restricted-imports': ['error', { patterns }] },
})
const nodeModules = {
  regex: '^node:',
  message: 'Web standards only here: Node modules belong in relay/src/node.',
}
const relayModules = { regex: 'relay|node/', message: 'The snippet knows nothing of the relay.' }
const anyPackage = { regex: '^[^.]', message: 'The snippet has no dependency.' }

export default tseslint.config(
  { ignores: ['**/dist/', 'relay/cjs/*.d.cts', '**/node_modules/', '**/.cache/', '**/.next/'] },
  js.configs.recommended,
  ...tseslint.configs.recommended,
  regexp.configs['flat/recommended'],
  {
    rules: {
      // A regular expression that can be made to backtrack for long is a way to stop the relay or a page.
      'regexp/no-super-linear-backtracking': ['error', { report: 'potential' }],
      'regexp/no-super-linear-move': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-empty': ['error', { allowEmptyCatch: false }],
    },
  },
  {
    files: ['**/*.mjs'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly' } },
  },
  {
    files: ['**/*.cjs'],
    languageOptions: { sourceType: 'commonjs', globals: { module: 'writable', require: 'readonly' } },
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
  mayNotImport(['src/**'], nodeModules, relayModules, anyPackage),
  mayNotImport(['src/attributes/**'], anyPackage, { regex: '^\\.\\./', message: 'Attributes stand alone.' }),
  mayNotImport(['relay/src/**'], nodeModules, {
    regex: '/node/',
    message: 'The core does not know its adapters.',
  }),
  { files: ['relay/src/node/**'], rules: { 'no-restricted-imports': 'off' } },
  mayNotImport(['demo/**'], {
    regex: '/src/',
    message: 'The demo uses the built packages, as a user would.',
  }),
)
