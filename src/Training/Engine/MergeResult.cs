namespace AgentKit.Training.Engine;

/// <summary>What a merge wrote.</summary>
/// <param name="Output">The file.</param>
/// <param name="Matrices">How many matrices were changed.</param>
/// <param name="Bytes">Bytes of the file.</param>
/// <param name="Rounding">
/// What storing the changed matrices rounded away or added, as a share of what the adapter changed: ‖stored − (W + Δ)‖ / ‖Δ‖ over all of them. About 0 for F32;
/// above 1 the storage type's steps are coarser than the adapter's change.
/// </param>
public sealed record MergeResult(string Output, int Matrices, long Bytes, double Rounding);
