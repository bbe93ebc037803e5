// The psums of a sub-macro between its column trees and the merger: DEPTH entries of C columns (architecture.md §3).
// The phases of a pass add up in one entry, which is complete, and visible, after the last of them. While
// all entries are complete the buffer is ready only in the cycle in which the oldest one is acknowledged.
module psum_buffer #(
    parameter int C = 32,
    parameter int DEPTH = 3,
    parameter int SUM_BITS = 21,
    parameter int TAG_BITS = 1
) (
    input logic clock,
    input logic reset,
    input logic enable,

    input  logic                  in_valid,
    input  logic                  in_first,  // of its pass
    input  logic                  in_last,
    input  logic [  TAG_BITS-1:0] in_tag,
    input  logic [         C-1:0] in_columns,  // those selected; the others add nothing
    input  logic [C*SUM_BITS-1:0] in_sums,
    output logic                  in_ready,

    output logic                  out_valid,
    output logic [  TAG_BITS-1:0] out_tag,
    output logic [C*SUM_BITS-1:0] out_sums,
    input  logic                  out_ack
);
  localparam int POINTER_BITS = DEPTH > 1 ? $clog2(DEPTH) : 1;
  localparam int COUNT_BITS = $clog2(DEPTH + 1);
  localparam logic [POINTER_BITS-1:0] LAST = POINTER_BITS'(DEPTH - 1);
  localparam logic [COUNT_BITS-1:0] FULL = COUNT_BITS'(DEPTH);

  logic [POINTER_BITS-1:0] head;  // the oldest complete entry
  logic [POINTER_BITS-1:0] tail;  // the entry that is written or added to
  logic [COUNT_BITS-1:0] complete;
  logic [TAG_BITS-1:0] tags[DEPTH];

  logic write, push, pop;
  assign out_valid = complete != '0;
  assign in_ready = complete != FULL || out_ack;
  assign write = enable && in_valid && in_ready;
  assign push = write && in_last;
  assign pop = enable && out_ack;

  always_ff @(posedge clock) begin
    if (reset) begin
      head <= '0;
      tail <= '0;
      complete <= '0;
    end else begin
      if (pop) head <= head == LAST ? '0 : head + 1'b1;
      if (push) tail <= tail == LAST ? '0 : tail + 1'b1;
      if (push && !pop) complete <= complete + 1'b1;
      if (pop && !push) complete <= complete - 1'b1;
    end
  end

  always_ff @(posedge clock) begin
    if (push) tags[tail] <= in_tag;
  end
  assign out_tag = tags[head];

  for (genvar c = 0; c < C; c++) begin : g_column
    logic [SUM_BITS-1:0] entries[DEPTH];
    logic [SUM_BITS-1:0] term;
    logic [SUM_BITS-1:0] base;
    assign term = in_columns[c] ? in_sums[c*SUM_BITS+:SUM_BITS] : '0;
    assign base = in_first ? '0 : entries[tail];
    always_ff @(posedge clock) begin
      if (write && (in_first || in_columns[c])) entries[tail] <= base + term;
    end
    assign out_sums[c*SUM_BITS+:SUM_BITS] = entries[head];
  end
endmodule
