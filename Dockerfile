# Build: ready-to-run code for the target's architecture, made on the builder's own (no emulation). BuildKit and podman set both arguments.
FROM --platform=$BUILDPLATFORM mcr.microsoft.com/dotnet/sdk:10.0 AS build
ARG TARGETARCH
ARG VERSION
WORKDIR /source
COPY global.json Directory.Build.props Directory.Build.targets Directory.Packages.props .editorconfig ./
COPY src/Synthwave/Synthwave.csproj src/Synthwave/packages.lock.json src/Synthwave/
# Packages as locked; the publish adds the compiler of the one architecture it is for.
RUN dotnet restore src/Synthwave --locked-mode
COPY src src
RUN dotnet publish src/Synthwave -a $TARGETARCH -p:Image=true ${VERSION:+-p:Version=$VERSION} -o /app
COPY LICENSE /app/
COPY scripts/notices scripts/
COPY packaging/licences packaging/licences
RUN scripts/notices src/Synthwave/packages.lock.json >/app/THIRD-PARTY-NOTICES.txt

# Run: the ASP.NET runtime with OpenSSL and root certificates, no shell, no package manager; any user but root, nothing written to disk.
FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled
ARG VERSION
LABEL org.opencontainers.image.title="Synthwave" \
    org.opencontainers.image.description="Several model endpoints behind one OpenAI-compatible address" \
    org.opencontainers.image.version="$VERSION" \
    org.opencontainers.image.licenses="MIT"
COPY --from=build /app /app
ENV META_MODEL_CONFIG=/etc/synthwave/meta-model.toml \
    DOTNET_EnableDiagnostics=0
USER $APP_UID
EXPOSE 8400
# The port is the configuration's.
HEALTHCHECK --interval=15s --timeout=5s --start-period=5s CMD ["dotnet", "/app/synthwave.dll", "ping", "--host", "127.0.0.1"]
ENTRYPOINT ["dotnet", "/app/synthwave.dll"]
CMD ["serve", "--host", "0.0.0.0"]
