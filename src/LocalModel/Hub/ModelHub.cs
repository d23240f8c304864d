using System.Security.Cryptography;
using AgentKit.Kernel.Errors;

namespace AgentKit.Models.Hub;

/// <summary>Downloads models from a hub with the paths of huggingface.co, or from a mirror of it.</summary>
public sealed class ModelHub : IDisposable
{
    private readonly HubOptions _options;
    private readonly TimeProvider _time;
    private readonly HubHttp _http;

    /// <summary>Prepares the connection; nothing is sent yet.</summary>
    /// <param name="options">Address, token, patience.</param>
    /// <param name="time">The clock to wait by; the system's when null.</param>
    public ModelHub(HubOptions? options = null, TimeProvider? time = null)
    {
        _options = options ?? new();
        _time = time ?? TimeProvider.System;
        _http = new(_options);
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    /// <summary>The files of the model that a reference means: one, or all parts of a split model.</summary>
    /// <param name="reference">A repository with or without a file.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="UserInputException">There is no such repository or file, more than one model fits, or a token is needed.</exception>
    /// <exception cref="HubException">The hub cannot be reached or answers with something else.</exception>
    public async Task<IReadOnlyList<HubFile>> FindAsync(HubReference reference, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reference);
        IReadOnlyList<HubFile>? files;
        try
        {
            files = await new HubFileList(_http, _options, _time).ReadAsync(reference.Repository, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (HubRetry.IsPassing(e))
        {
            throw new HubException($"{_options.Address} cannot be reached: {e.Message.TrimEnd('.')}. Check the network, or AGENTKIT_HUB for a mirror.", e);
        }

        if (files is not null) return HubSelection.Choose(reference, HubSelection.Models(files));
        // A mirror may have files but no lists.
        return reference.File is { } file
            ? [new HubFile(file, null, null)]
            : throw _http.Refusal(System.Net.HttpStatusCode.NotFound, reference.Repository, $"repository {reference.Repository}")!;
    }

    /// <summary>Downloads a file, or goes on with an interrupted download of it.</summary>
    /// <param name="repository"><c>owner/name</c>.</param>
    /// <param name="file">A file that <see cref="FindAsync"/> found.</param>
    /// <param name="folder">Where it goes, under its own name; created if need be.</param>
    /// <param name="overwrite">Whether a different file of that name is replaced.</param>
    /// <param name="progress">Told of bytes, waits and new beginnings.</param>
    /// <param name="cancellationToken">Stops; what has come is kept for the next time.</param>
    /// <exception cref="UserInputException">There is no such file, a token is needed, or another file of that name is there.</exception>
    /// <exception cref="HubException">It cannot be had, is not what the hub announced, or another pull of it is running.</exception>
    public async Task<PulledFile> PullAsync(
        string repository, HubFile file, string folder, bool overwrite = false, IProgress<HubProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        string target = Path.Combine(Directory.CreateDirectory(folder).FullName, SafeName(file));
        if (File.Exists(target) && await SameAsync(target, file, cancellationToken).ConfigureAwait(false) is { } there) return there;
        if (File.Exists(target) && !overwrite)
            throw new UserInputException("REPO", $"{target} is another file than {repository}/{file.Path}; --force replaces it.");
        return await new HubDownload(_http, _options, _time, repository, file, target).RunAsync(progress, overwrite, cancellationToken).ConfigureAwait(false);
    }

    private static string SafeName(HubFile file) => file.Name.Length > 0 && file.Name.IndexOfAny(Path.GetInvalidFileNameChars()) < 0 && file.Name[0] != '.'
        ? file.Name
        : throw new HubException($"The hub names a file '{file.Path}', which cannot be a file name here.");

    private static async Task<PulledFile?> SameAsync(string target, HubFile file, CancellationToken stop)
    {
        await using FileStream stream = File.OpenRead(target);
        if ((file.Sha256 is null && file.Bytes is null) || (file.Bytes is { } bytes && bytes != stream.Length)) return null;
        string hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, stop).ConfigureAwait(false));
        return file.Sha256 is null || hash == file.Sha256
            ? new(target, stream.Length, hash, file.Sha256 is not null, 0, AlreadyThere: true)
            : null;
    }
}
