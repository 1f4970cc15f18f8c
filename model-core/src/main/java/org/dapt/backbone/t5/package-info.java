/** T5 encoder-decoder models, of the kinds v1.0 (ReLU, tied, scaled) and v1.1 (gated, untied). */
package org.dapt.backbone.t5;
