namespace AgentKit.Models.Fitting;

/// <summary>What llama.cpp said it would take, from a dry run. Bytes, exact to about 5 KiB each.</summary>
/// <param name="KvBytes">Keys and values.</param>
/// <param name="RecurrentBytes">State of recurrent layers.</param>
/// <param name="ComputeBytes">Intermediate results of a decode call.</param>
/// <param name="OutputBytes">Logits.</param>
public sealed record MeasuredMemory(long KvBytes, long RecurrentBytes, long ComputeBytes, long OutputBytes);
