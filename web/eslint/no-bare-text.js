/**
 * Fails where a text that people see stands in the code and not in the catalogues: in markup, in attributes and properties
 * that are shown or read out, in notes and in errors. Punctuation, signs, addresses and the name of the product are no
 * texts.
 */

/** Attributes of elements and of our components, and properties of objects, whose values are shown or read out. */
const VISIBLE = new Set(
  (
    'aria-label aria-description aria-roledescription aria-valuetext title placeholder alt label ' +
    'action advice done empty hint none note subtitle text'
  ).split(' '),
);

/** Calls whose arguments are shown. */
const SHOWN = /^(Error|toasts\.(info|error)|copyText)$/;

/** @type {import('eslint').Rule.RuleModule} */
export const noBareText = {
  meta: {
    type: 'problem',
    schema: [],
    messages: { bare: '“{{text}}” belongs into messages/en.json and its translations: see the README.' },
  },
  create(context) {
    /** @param {any} node @param {string} text */
    function check(node, text) {
      if (isLanguage(text)) context.report({ node, messageId: 'bare', data: { text: text.trim() } });
    }
    /** @param {any} node */
    const checkValue = (node) => texts(node).forEach((part) => check(part.node, part.text));

    return {
      SvelteText(/** @type {any} */ node) {
        if (!/^Svelte(Style|Script)Element$/.test(node.parent.type)) check(node, node.value);
      },
      'SvelteElement > SvelteMustacheTag'(/** @type {any} */ node) {
        checkValue(node.expression);
      },
      SvelteAttribute(/** @type {any} */ node) {
        if (!VISIBLE.has(node.key.name)) return;
        for (const part of node.value) {
          if (part.type === 'SvelteLiteral') check(part, part.value);
          else checkValue(part.expression);
        }
      },
      Property(/** @type {any} */ node) {
        if (!node.computed && VISIBLE.has(node.key.name ?? node.key.value)) checkValue(node.value);
      },
      'CallExpression, NewExpression'(/** @type {any} */ node) {
        if (SHOWN.test(context.sourceCode.getText(node.callee))) node.arguments.forEach(checkValue);
      },
    };
  },
};

/** @param {string} text */
function isLanguage(text) {
  return /\p{L}/u.test(text.replace(/rustchat|\S*[/@]\S*/g, ''));
}

/**
 * The texts that an expression may come to.
 * @param {any} node
 * @returns {{ node: any, text: string }[]}
 */
function texts(node) {
  switch (node?.type) {
    case 'Literal':
      return typeof node.value === 'string' ? [{ node, text: node.value }] : [];
    case 'TemplateLiteral':
      return [
        ...node.quasis.map((/** @type {any} */ part) => ({ node: part, text: part.value.cooked })),
        ...node.expressions.flatMap(texts),
      ];
    case 'ConditionalExpression':
      return [...texts(node.consequent), ...texts(node.alternate)];
    case 'LogicalExpression':
      return [...texts(node.left), ...texts(node.right)];
    case 'BinaryExpression':
      return node.operator === '+' ? [...texts(node.left), ...texts(node.right)] : [];
    default:
      return [];
  }
}
