// What Guildhall leaves out of Tabler. Names are class prefixes: "modal" takes .modal and .modal-dialog along.

const components = [
  // need Bootstrap's JavaScript, or a library of their own
  'accordion', 'apexcharts', 'calendar', 'carousel', 'chart', 'collapsing', 'dropzone', 'fslightbox', 'jvm', 'litepicker',
  'modal', 'noUi', 'offcanvas', 'plyr', 'popover', 'signature', 'sparkline', 'star-rating', 'toast', 'tooltip', 'tox', 'ts',
  'typed', 'vc', 'bs-popover', 'bs-tooltip', 'hr-text-spaceless',
  // have no page here
  'colorinput', 'demo', 'flag', 'form-colorinput', 'form-fieldset-legend', 'form-imagecheck', 'form-otp', 'form-selectgroup-box',
  'layout', 'legend', 'mention', 'navbar-vertical', 'navbar-folded', 'navbar-overlap', 'navbar-transparent', 'otp', 'payment',
  'pricing', 'progressbg', 'ribbon', 'signal', 'social', 'sortable', 'strength', 'table-selectable', 'tracking', 'wave',
  'was-validated', 'bg-pattern', 'card-gradient', 'btn-animate', 'page-center-cover', 'theme-dark', 'img-light', 'img-dark',
  'hide-theme', 'bg-gradient', 'switch-icon', 'table-mobile', 'divide-x', 'divide-y', 'focus-ring', 'link-underline', 'text-bg', 'row-cols',
  'form-floating', 'card-stamp', 'column-gap', 'hover-shadow', 'input-group-flat',
  'dropdown-menu-dark', 'dropend', 'dropstart', 'dropup', 'navbar-dark', 'sidebar',
];

const brands = [
  'x', 'facebook', 'twitter', 'linkedin', 'google', 'youtube', 'vimeo', 'dribbble', 'github', 'instagram', 'pinterest', 'vk',
  'rss', 'flickr', 'bitbucket', 'tabler',
];

const prefix = new RegExp(`\\.(?:${components.join('|')})(?![a-z0-9])`);
const tinted = new RegExp(`\\.(?:[a-z]+-)+(?:${brands.join('|')})(?:-lt|-fg|-darken)?(?![a-z0-9-])`);
// Utilities for widths from 1400 px on, floats, and the navigation bars that open at other widths than ours.
const widths = /\.(?:[a-z]+-)+xxl(?:-|(?![a-z]))|\.float-|\.navbar-expand(?:-sm|-lg|-xl|-xxl)?(?![a-z-])/;
const attributes = /data-bs-(?:navbar-theme|sidebar|popper|toggle|target)|\[data-theme|body\[data-bs-theme|:not\(\.theme-dark\)|\[data-vc|\[data-bs-theme-/;

// :has() is unknown to the oldest browsers we serve, and would take the rest of its rule along.
export function unused(selector) {
  return [prefix, tinted, widths, attributes, /:has\(/, /:host/].some((pattern) => pattern.test(selector));
}
unused.properties = new RegExp(`^--tblr-(?:${brands.join('|')})(?:-(?:fg|darken|lt|200))?$`);
