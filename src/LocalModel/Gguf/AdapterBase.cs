using System.Security.Cryptography;
using AgentKit.Kernel.Errors;

namespace AgentKit.Models.Gguf;

/// <summary>The model file that an adapter was trained on, as the adapter says. Shapes alone do not tell a model from its other fine-tunes and quantizations.</summary>
internal static class AdapterBase
{
    public const string Sha256Key = "agentkit.base_sha256", NameKey = "general.base_model.0.name";

    /// <summary>What takes an adapter all the same.</summary>
    public const string WayOut = "--other-base (allowOtherBase) takes it all the same; it may answer worse";

    private const int BlockBytes = 1 << 20;

    /// <summary>SHA-256 of that file in hexadecimal; <c>null</c> where the adapter does not say.</summary>
    public static string? Sha256Of(GgufFile adapter) => adapter.FindString(Sha256Key) is { Length: > 0 } hash ? hash : null;

    /// <summary>Why the adapter is not for a model file; <c>null</c> when it is, or does not say.</summary>
    /// <param name="adapter">The adapter's file.</param>
    /// <param name="model">The model file.</param>
    /// <param name="sha256">That file's SHA-256.</param>
    public static string? Misfit(GgufFile adapter, string model, string sha256) => Sha256Of(adapter) is not { } expected || expected == sha256
        ? null
        : $"it was trained on {adapter.FindString(NameKey) ?? "a file"} with SHA-256 {expected}; {model} has {sha256}";

    /// <summary>SHA-256 of a model file; of a split model of the first one.</summary>
    /// <exception cref="UserInputException">It cannot be read.</exception>
    public static string HashOf(string model, CancellationToken cancellationToken)
    {
        try
        {
            using FileStream stream = new(model, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var block = new byte[BlockBytes];
            for (int read; (read = stream.Read(block)) > 0;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                hash.AppendData(block, 0, read);
            }

            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserInputException("model", $"{model} cannot be read: {e.Message}", e);
        }
    }
}
