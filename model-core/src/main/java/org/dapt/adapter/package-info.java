/** Blocks in the format of Hugging Face PEFT, with what else a dual attention needs beside them. */
package org.dapt.adapter;
