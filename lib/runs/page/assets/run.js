// The page of one run.
curvesSection();
casesSection();
epochsSection();
timeSection();
configSection();
factsSection();
showPage(header());
