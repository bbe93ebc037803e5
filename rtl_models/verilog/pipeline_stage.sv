// Control of one elastic pipeline register: it takes when it is empty or its content moves on in the same cycle
// (architecture.md §3: ready/acknowledge, nothing is dropped or counted twice). The data registers beside it load on
// `load`. `tag` travels with them.
module pipeline_stage #(
    parameter int TAG_BITS = 1
) (
    input logic clock,
    input logic reset,
    input logic enable,

    input  logic                in_valid,
    input  logic [TAG_BITS-1:0] in_tag,
    output logic                in_ready,

    output logic                out_valid,
    output logic [TAG_BITS-1:0] out_tag,
    input  logic                out_ready,

    output logic load
);
  assign in_ready = !out_valid || out_ready;
  assign load = enable && in_valid && in_ready;

  always_ff @(posedge clock) begin
    if (reset) out_valid <= 1'b0;
    else if (enable && in_ready) out_valid <= in_valid;
  end

  always_ff @(posedge clock) begin
    if (load) out_tag <= in_tag;
  end
endmodule
