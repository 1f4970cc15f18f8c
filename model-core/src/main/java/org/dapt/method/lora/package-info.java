/** Methods that learn one plain LoRA block at a time. */
package org.dapt.method.lora;
