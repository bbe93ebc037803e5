// Control of one pipeline register: a valid bit, and a tag that travels with it. All registers of a pipeline advance
// together or hold together; the data registers beside this one load on `load`.
module pipeline_stage #(
    parameter int TAG_BITS = 1
) (
    input logic clock,
    input logic reset,
    input logic advance,

    input logic                in_valid,
    input logic [TAG_BITS-1:0] in_tag,

    output logic                out_valid,
    output logic [TAG_BITS-1:0] out_tag,
    output logic                load
);
  assign load = advance && in_valid;

  always_ff @(posedge clock) begin
    if (reset) out_valid <= 1'b0;
    else if (advance) out_valid <= in_valid;
  end

  always_ff @(posedge clock) begin
    if (load) out_tag <= in_tag;
  end
endmodule
