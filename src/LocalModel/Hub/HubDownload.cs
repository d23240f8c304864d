using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;

namespace AgentKit.Models.Hub;

/// <summary>
/// Brings one file to the disk. What has come lies beside the target as <c>.part</c> until it is whole and verified; an interrupted download
/// goes on there, if the server still has the same content.
/// </summary>
internal sealed class HubDownload(HubHttp http, HubOptions options, TimeProvider time, string repository, HubFile file, string target)
{
    private const int BufferBytes = 1 << 17;

    private readonly Uri _address = http.Address(options.FilePath
        .Replace("{repository}", repository, StringComparison.Ordinal)
        .Replace("{revision}", options.Revision, StringComparison.Ordinal)
        .Replace("{path}", file.Path, StringComparison.Ordinal));
    private readonly string _statePath = target + ".part.json";
    private IProgress<HubProgress>? _progress;
    private string? _sha256 = file.Sha256;
    private long? _total = file.Bytes;
    private long _resumedFrom;

    private string PartPath => target + ".part";

    /// <exception cref="Kernel.Errors.UserInputException">There is no such file, or it needs a token.</exception>
    /// <exception cref="HubException">It cannot be had, or is not what the hub announced.</exception>
    public async Task<PulledFile> RunAsync(IProgress<HubProgress>? progress, bool overwrite, CancellationToken stop)
    {
        _progress = progress;
        string hash;
        long bytes;
        await using (FileStream part = OpenPart())
        {
            _resumedFrom = part.Length;
            await FetchAsync(part, stop).ConfigureAwait(false);
            hash = await HashAsync(part, stop).ConfigureAwait(false);
            if (_sha256 is not null && hash != _sha256 && _resumedFrom > 0)
            {
                // The beginning may have come from a fault of an earlier day: once more from the start.
                Report(0, $"{file.Name} is damaged; downloading it again");
                part.SetLength(0);
                _resumedFrom = 0;
                await FetchAsync(part, stop).ConfigureAwait(false);
                hash = await HashAsync(part, stop).ConfigureAwait(false);
            }

            if (_sha256 is not null && hash != _sha256)
            {
                Discard(part);
                throw new HubException($"{file.Name} arrived with SHA-256 {hash}, but {options.Address.Host} says {_sha256}. It was deleted; run the same command "
                    + "again, and if that does not help tell the owner of the hub.");
            }

            part.Flush(flushToDisk: true);
            bytes = part.Length;
        }

        File.Move(PartPath, target, overwrite);
        File.Delete(_statePath);
        return new(target, bytes, hash, _sha256 is not null, _resumedFrom, AlreadyThere: false);
    }

    private FileStream OpenPart()
    {
        try
        {
            return new FileStream(PartPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, FileOptions.Asynchronous);
        }
        catch (IOException e) when (File.Exists(PartPath))
        {
            throw new HubException($"{PartPath} is in use: another pull of {file.Name} is running. Wait for it, or end it.", e);
        }
    }

    /// <summary>Until the file is whole. Attempts that brought something do not count against the limit.</summary>
    private async Task FetchAsync(FileStream part, CancellationToken stop)
    {
        var retry = new HubRetry(options, time, why => Report(part.Length, why));
        // A file that begins again and again comes no further.
        long furthest = part.Length;
        while (true)
        {
            try
            {
                await retry.RunAsync(async token =>
                {
                    await AttemptAsync(part, token).ConfigureAwait(false);
                    return true;
                }, stop).ConfigureAwait(false);
                return;
            }
            catch (Exception e) when (HubRetry.IsPassing(e))
            {
                if (part.Length > furthest)
                {
                    furthest = part.Length;
                    continue;
                }

                throw new HubException($"{file.Name} did not come in {options.Attempts} attempts: {e.Message}. "
                    + (part.Length > 0 ? $"{part.Length} bytes are kept: run the same command again to go on." : "Run the same command again later."), e);
            }
        }
    }

    private async Task AttemptAsync(FileStream part, CancellationToken stop)
    {
        DownloadState? state = DownloadState.Read(_statePath);
        // Without hash and tag nobody can tell whether the rest would belong to the beginning.
        bool known = state is { Tag: not null } && state.Address == _address.AbsoluteUri && (file.Sha256 is null || state.Tag == file.Sha256);
        if (!known) Restart(part);
        long offset = part.Length;
        if (known && offset > 0 && offset == state!.Total) return;
        using HubAnswer answer = await http.GetAsync(_address, request => Ask(request, offset, state), stop).ConfigureAwait(false);
        HubRetry.ThrowIfBusy(answer, time);
        if (http.Refusal(answer.Status, repository, $"file {file.Path} in {repository}") is { } refusal) throw refusal;
        bool changed = offset > 0 && Identity(answer) != state!.Tag;
        if (answer.Status == HttpStatusCode.RequestedRangeNotSatisfiable || (answer.Status == HttpStatusCode.PartialContent
            && (changed || answer.Response.Content.Headers.ContentRange?.From != offset)))
        {
            Restart(part);
            if (offset == 0) throw new HubException($"{answer.Address.Host} answers {(int)answer.Status} to a request for the whole of {file.Name}.");
            throw new HttpRequestException($"{file.Name} has changed on {answer.Address.Host}; it is downloaded from the start");
        }

        if (answer.Status == HttpStatusCode.OK) Restart(part);
        else if (answer.Status != HttpStatusCode.PartialContent) throw new HubException($"{answer.Address.Host} answers {(int)answer.Status} for {file.Name}.");
        await ReceiveAsync(part, answer, stop).ConfigureAwait(false);
    }

    /// <summary>What tells this content from another one under the same name.</summary>
    private string? Identity(HubAnswer answer) => file.Sha256 ?? answer.Tag;

    private static void Ask(HttpRequestMessage request, long offset, DownloadState? state)
    {
        // Compressed bytes would not be those the hash is of.
        request.Headers.AcceptEncoding.Add(new("identity"));
        if (offset == 0) return;
        request.Headers.Range = new RangeHeaderValue(offset, null);
        if (EntityTagHeaderValue.TryParse(state?.ServerTag, out EntityTagHeaderValue? tag) && !tag.IsWeak)
            request.Headers.IfRange = new RangeConditionHeaderValue(tag);
    }

    private async Task ReceiveAsync(FileStream part, HubAnswer answer, CancellationToken stop)
    {
        _sha256 ??= answer.Sha256;
        long? total = _total = answer.Total ?? file.Bytes;
        if (answer.Total is { } announced && file.Bytes is { } listed && announced != listed)
        {
            throw new HubException($"{answer.Address.Host} sends {announced} bytes for {file.Name}, but the hub lists it with {listed}. "
                + "It is not taken; the file may be changing, try again later.");
        }

        CheckSpace(total - part.Length);
        new DownloadState(_address.AbsoluteUri, Identity(answer), answer.Response.Headers.ETag?.ToString(), total).Write(_statePath);
        await using Stream body = await answer.Response.Content.ReadAsStreamAsync(stop).ConfigureAwait(false);
        byte[] buffer = new byte[BufferBytes];
        part.Seek(0, SeekOrigin.End);
        Report(part.Length);
        while (await ReadAsync(body, buffer, answer, stop).ConfigureAwait(false) is > 0 and var read)
        {
            if (part.Length + read > total)
            {
                Discard(part);
                throw new HubException($"{answer.Address.Host} sends more than the {total} bytes announced for {file.Name}. What came was deleted.");
            }

            Write(part, buffer.AsSpan(0, read));
            Report(part.Length);
        }

        if (part.Length < total) throw new HttpRequestException($"the connection ended after {part.Length} of {total} bytes");
    }

    private async Task<int> ReadAsync(Stream body, byte[] buffer, HubAnswer answer, CancellationToken stop)
    {
        try
        {
            return await body.ReadAsync(buffer, stop).AsTask().WaitAsync(options.Patience, time, stop).ConfigureAwait(false);
        }
        catch (TimeoutException e)
        {
            throw new HttpRequestException($"nothing came from {answer.Address.Host} for {options.Patience.TotalSeconds:0} seconds", e);
        }
    }

    private void Write(FileStream part, ReadOnlySpan<byte> bytes)
    {
        try
        {
            part.Write(bytes);
        }
        catch (IOException e)
        {
            throw new HubException($"{PartPath} cannot be written: {e.Message.TrimEnd('.')}. Free some space and run the same command again.", e);
        }
    }

    private void CheckSpace(long? needed)
    {
        long free = new DriveInfo(Path.GetDirectoryName(target)!).AvailableFreeSpace;
        if (needed > free)
            throw new HubException($"{file.Name} needs {needed} bytes more, but {Path.GetDirectoryName(target)} has {free} free. Free some space, or choose another --data.");
    }

    private async Task<string> HashAsync(FileStream part, CancellationToken stop)
    {
        part.Seek(0, SeekOrigin.Begin);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(part, stop).ConfigureAwait(false));
    }

    private void Restart(FileStream part)
    {
        part.SetLength(0);
        _resumedFrom = 0;
        File.Delete(_statePath);
    }

    private void Discard(FileStream part)
    {
        Restart(part);
        File.Delete(PartPath);
    }

    private void Report(long done, string? note = null) => _progress?.Report(new(file.Name, done, _total ?? 0, note));
}
