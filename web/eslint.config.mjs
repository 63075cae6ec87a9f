import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

const noInlineStyle = {
  selector: "JSXAttribute[name.name='style']",
  message: 'Styles live in CSS modules over tokens.css.',
};
const noBareText = {
  selector: 'JSXText[value=/\\p{L}{2,}/u]',
  message: 'Every visible string goes through translation (src/i18n).',
};

export default tseslint.config(
  { ignores: ['dist', '.demo', 'node_modules'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: { allowDefaultProject: ['*.mjs', 'scripts/*.mjs'] } } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      eqeqeq: 'error',
      'no-console': 'error',
      'no-restricted-syntax': ['error', noInlineStyle, noBareText],
    },
  },
  { files: ['**/*.{ts,tsx}'], ...reactHooks.configs.flat['recommended-latest'] },
  {
    files: ['src/call/**/*.ts'],
    rules: {
      'no-restricted-imports': ['error', { patterns: ['react', 'react-*', '@livekit/components-react', '../features/*', '../ui/*'] }],
    },
  },
  { files: ['**/*.mjs'], ...tseslint.configs.disableTypeChecked },
  { files: ['scripts/*.mjs'], rules: { 'no-console': 'off' } },
);
