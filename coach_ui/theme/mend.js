// What Streamlit's own elements lack for people who hear the page or read Chinese only: see axe() in the browser tests.
const NAMES = [  // elements, and what a screen reader calls them
  ['[data-testid="stSidebarCollapseButton"] button', "收起菜单"],
  ['[data-testid="stExpandSidebarButton"]', "展开菜单"],
  ['[data-testid="stSidebarNav"]', "菜单"],
  ['button[aria-label="Show password text"]', "显示密码"],
  ['button[aria-label="Hide password text"]', "隐藏密码"],
];
const ROLES = [  // Streamlit nests list items in plain boxes
  ['[data-testid="stSidebarNav"]', "navigation"],
  ['[data-testid="stSidebarNavItems"], [data-testid="stSidebarNavItems"] li', "none"],
];

function give(selector, attribute, value) {
  for (const element of document.querySelectorAll(selector)) {
    if (element.getAttribute(attribute) !== value) element.setAttribute(attribute, value);
  }
}

function mend() {
  document.documentElement.lang = "zh-CN";
  NAMES.forEach(([selector, name]) => give(selector, "aria-label", name));
  ROLES.forEach(([selector, role]) => give(selector, "role", role));
  document.querySelectorAll('[aria-label^="Help for "]').forEach((each) => {
    each.setAttribute("aria-label", each.getAttribute("aria-label").replace("Help for ", "说明："));
  });
  give('[data-testid="stIconMaterial"]', "aria-hidden", "true");  // else it reads the icon's English name out
  document.querySelectorAll('[data-testid="stSidebar"][aria-expanded]').forEach((each) => {
    each.removeAttribute("aria-expanded");  // no section can be expanded
  });
}

export default function () {
  mend();
  if (window.heyueMends) return;
  let waiting = false;
  window.heyueMends = new MutationObserver(() => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; mend(); });
  });
  window.heyueMends.observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["aria-label", "aria-expanded"] });
}
