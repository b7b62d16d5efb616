// Brings the page to life; without scripts it is complete, but for what needs computing.

document.querySelectorAll("figure[data-positions]").forEach(startPromoter);
document.querySelectorAll("[data-model]").forEach(startExplorer);
document.querySelectorAll("[data-figure]").forEach(startFigure);
document.querySelectorAll("[data-variants]").forEach(startVariants);
